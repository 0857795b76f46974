"""Everything stored in `data/`, as frozen typed records.

Other programs read these files, so field names do not change. The number `schema` of a record
increases when a field changes its meaning; a record of another schema is measured again.
"""

from generator.records.anomalies import Anomaly, ShapeDifference
from generator.records.architectures import (
    Architecture,
    Block,
    BlockTable,
    Diagram,
    NetworkComponent,
    ParameterCounts,
    ParameterRow,
    PipelineDefaults,
    PipelineInputs,
    PipelineSettings,
    PublishedInputs,
    TensorSpec,
)
from generator.records.arrangements import Arrangement, Edge, Layout, Merge
from generator.records.base import Record, ResultRecord
from generator.records.benchmarks import Bench, Benchmarks, Machine, Measurement
from generator.records.checkpoints import (
    Adapter,
    AdapterBlock,
    Checkpoint,
    CheckpointBlock,
    CheckpointComponent,
    Figures,
    LeftOutFile,
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
    ComponentVerdict,
    DistanceSum,
    DTypePair,
    ShapePair,
    TensorDistance,
)
from generator.records.components import Component
from generator.records.embeddings import (
    EmbeddingMap,
    EncoderMember,
    EncoderSpace,
    Likeness,
    MappedEncoder,
    MappedPrompt,
)
from generator.records.findings import Finding
from generator.records.groups import (
    About,
    ComponentLineage,
    FamilyLineage,
    Group,
    GroupComponent,
    Pair,
)
from generator.records.lineage import (
    History,
    HistoryRow,
    IdentityClass,
    KnownOrigin,
    Lineage,
    LineageNode,
    ModelLine,
    Relation,
    Root,
)
from generator.records.matrices import BlockDistances, ComponentDistances, Excluded, Matrix, Square
from generator.records.memory import MemoryGrowth, PartMemory, PassMemory
from generator.records.omissions import Omission
from generator.records.origins import Claim, License, Origin
from generator.records.reasons import Reason
from generator.records.recipes import (
    BlockRecipe,
    DeclaredCheck,
    DeclaredRecipe,
    MaskedBlock,
    MaskedSum,
    NamedBlock,
    NamedMix,
    NamedRecipe,
    NamedVerdict,
    Recipe,
    Rule,
)
