"""3D captures: is this mesh sound, is this cloud complete?

sample.py ...... bytes -> mesh or cloud (files/ reads the formats, units.py tells how long a unit is)
topology.py .... how the triangles of a mesh hang together
"""
