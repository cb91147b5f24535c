"""A score as people read it: page, charts and PDF, all made of the same rounded figures (`facts`)."""
