"""Strategy files of the original KTRDR as files of this grammar, every difference told."""

from training.strategy.converting.convert import Converted, convert

__all__ = ["Converted", "convert"]
