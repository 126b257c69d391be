"""What is measured of a recording or a clip, and how it is graded."""
