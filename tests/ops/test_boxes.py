import torch
from torchvision.ops import box_iou

from yololab.ops.boxes import cxcywh_to_xyxy, pairwise_iou, xyxy_to_cxcywh
from yololab.ops.grid import flatten_levels, grid_points


def random_boxes(count, seed):
    generator = torch.Generator().manual_seed(seed)
    low, size = torch.rand(count, 2, generator=generator) * 50, torch.rand(count, 2, generator=generator) * 30 + 1
    return torch.cat((low, low + size), dim=1)


def test_formats_are_inverse_to_each_other():
    boxes = random_boxes(20, 0)
    torch.testing.assert_close(cxcywh_to_xyxy(xyxy_to_cxcywh(boxes)), boxes)
    assert xyxy_to_cxcywh(torch.tensor([[10.0, 20, 30, 60]])).tolist() == [[20, 40, 20, 40]]


def test_pairwise_iou_is_torchvisions():
    a, b = random_boxes(20, 1), random_boxes(30, 2)
    torch.testing.assert_close(pairwise_iou(a, b), box_iou(a, b))


def test_points_are_cell_centres_in_the_order_of_flattened_maps():
    levels = [torch.arange(6.0).view(1, 1, 2, 3), torch.tensor([[[[6.0]]]])]
    points, strides = grid_points(levels, (8, 16))
    assert points.tolist() == [[4, 4], [12, 4], [20, 4], [4, 12], [12, 12], [20, 12], [8, 8]]
    assert strides.tolist() == [8] * 6 + [16]
    assert flatten_levels(levels).flatten().tolist() == [0, 1, 2, 3, 4, 5, 6]
