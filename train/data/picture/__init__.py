"""What turns a page into a photograph: paper, rooms, light, cameras."""
