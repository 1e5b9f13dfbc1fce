"""What can stand in front of the camera: parts and procedural scenes. `multimodal.domain.image.scenes` lists them."""
