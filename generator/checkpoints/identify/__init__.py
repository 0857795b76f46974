"""An index of tensors -> components, networks, anomalies."""
