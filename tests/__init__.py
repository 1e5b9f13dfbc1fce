"""Tests of multimodal; their layout mirrors src."""
