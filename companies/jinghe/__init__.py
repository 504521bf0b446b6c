"""京和电器 / Jinghe Appliances, the demo company: a maker of appliances that does not exist."""
