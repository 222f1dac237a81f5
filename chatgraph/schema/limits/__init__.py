"""How much may be asked for: a document is weighed before anything is read, and its answer measured once it is there."""

from chatgraph.schema.limits.answers import exceeds, too_large, within_bounds
from chatgraph.schema.limits.weighing import BOUNDS, Bounds, Weighed, weigh

__all__ = ["BOUNDS", "Bounds", "Weighed", "exceeds", "too_large", "weigh", "within_bounds"]
