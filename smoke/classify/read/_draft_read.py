"""A value that was read in a response, with the place where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from smoke.classify.unwrap.piece import Piece
from smoke.model.dberror import Certainty


@dataclass(frozen=True, slots=True)
class Read:
    """A value and where it stands; `piece` is None for one that was inferred."""

    text: str
    piece: Piece | None = None
    start: int = 0
    end: int = 0
    certainty: Certainty = Certainty.TEXT
