"""Metrics: suppression and COCO's evaluation."""
