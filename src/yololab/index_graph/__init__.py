"""Index-numbered YAML of ultralytics, YOLOv5 and YOLOv9 read as named graphs."""
