"""Everything stored in `data/`, as frozen typed records.

The field names are promises: other programs read these files. A record's `schema` grows whenever a
field changes its meaning; a record of another schema is measured again, never guessed at.
"""

from generator.records.architectures import (
    Architecture,
    Block,
    BlockTable,
    Diagram,
    ParameterCounts,
    ParameterRow,
    PipelineInputs,
    PublishedInputs,
    TensorSpec,
)
from generator.records.arrangements import Arrangement, Edge, Layout, Merge
from generator.records.base import Record, ResultRecord
from generator.records.benchmarks import Bench, Benchmarks, Figure, Machine
from generator.records.checkpoints import (
    Anomaly,
    Checkpoint,
    CheckpointBlock,
    CheckpointComponent,
    Figures,
    MetadataEntry,
    RefusedCheckpoint,
    RefusedCheckpoints,
    TensorRow,
    WeightFileRecord,
)
from generator.records.comparisons import (
    Comparison,
    ComparisonSummary,
    ComponentComparison,
    DistanceSum,
    DTypePair,
    ShapePair,
    TensorDistance,
)
from generator.records.embeddings import (
    EmbeddingMap,
    EncoderMember,
    EncoderSpace,
    Likeness,
    MappedEncoder,
    MappedPrompt,
    VectorKind,
)
from generator.records.groups import Group, GroupComponent, Pair
from generator.records.matrices import (
    BlockDistances,
    ComponentDistances,
    Excluded,
    Matrix,
    Square,
)

__all__ = [
    "Anomaly",
    "Architecture",
    "Arrangement",
    "Bench",
    "Benchmarks",
    "Block",
    "BlockDistances",
    "BlockTable",
    "Checkpoint",
    "CheckpointBlock",
    "CheckpointComponent",
    "Comparison",
    "ComparisonSummary",
    "ComponentComparison",
    "ComponentDistances",
    "DTypePair",
    "Diagram",
    "DistanceSum",
    "Edge",
    "EmbeddingMap",
    "EncoderMember",
    "EncoderSpace",
    "Excluded",
    "Figure",
    "Figures",
    "Group",
    "GroupComponent",
    "Layout",
    "Likeness",
    "Machine",
    "MappedEncoder",
    "MappedPrompt",
    "Matrix",
    "Merge",
    "MetadataEntry",
    "Pair",
    "ParameterCounts",
    "ParameterRow",
    "PipelineInputs",
    "PublishedInputs",
    "Record",
    "RefusedCheckpoint",
    "RefusedCheckpoints",
    "ResultRecord",
    "ShapePair",
    "Square",
    "TensorDistance",
    "TensorRow",
    "TensorSpec",
    "VectorKind",
    "WeightFileRecord",
]
