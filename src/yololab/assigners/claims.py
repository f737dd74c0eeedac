"""Claims of boxes on points as a list: few of the pairs of a batch are claims, and lists of few are fast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from yololab.structures import Assignment


@dataclass(frozen=True)
class Claims:
    """Triples: row k says that box `box[k]` of image `image[k]` has point `point[k]`."""

    image: Tensor
    box: Tensor
    point: Tensor

    def at(self, rows: Tensor) -> Claims:
        """The triples that `rows`, a mask, keeps."""
        return Claims(self.image[rows], self.box[rows], self.point[rows])

    def settled(self, num_images: int, num_points: int, choose: Callable[[Tensor, Tensor], Tensor]) -> Claims:
        """Every point once: where several boxes claim it, `choose(image, point)` names the box that gets it."""
        place = self.image * num_points + self.point
        claims = torch.zeros(num_images * num_points, dtype=torch.int32, device=place.device)
        claims.index_add_(0, place, torch.ones_like(place, dtype=torch.int32))
        contested = (claims > 1).nonzero().squeeze(1)
        if not len(contested):
            return self
        alone = self.at(claims[place] == 1)
        image, point = contested // num_points, contested % num_points
        return Claims(
            torch.cat((alone.image, image)),
            torch.cat((alone.box, choose(image, point))),
            torch.cat((alone.point, point)),
        )

    def assignment(self, num_images: int, num_points: int, quality: Tensor, weight: Tensor | None = None) -> Assignment:
        """Dense, of claims that are settled, with a target quality each; box weights are the qualities, or `weight`."""

        def dense(values: Tensor) -> Tensor:
            found = torch.zeros((num_images, num_points), dtype=values.dtype, device=values.device)
            found[self.image, self.point] = values
            return found

        qualities = dense(quality)
        weights = qualities if weight is None else dense(weight)
        return Assignment(dense(torch.ones_like(self.box, dtype=torch.bool)), dense(self.box), qualities, weights)
