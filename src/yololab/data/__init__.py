"""Data: sources that read and check, reproducible augmentation, batches. conf/data/<name>.yaml names a source."""

from yololab.data.coco import COCOSource
from yololab.data.shapes import ShapesSource
from yololab.data.source import DataSource
from yololab.data.voc import VOCSource
from yololab.data.yolo_txt import YOLOSource

__all__ = ["COCOSource", "DataSource", "ShapesSource", "VOCSource", "YOLOSource"]
