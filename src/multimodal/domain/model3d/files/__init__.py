"""Files of meshes and point clouds: bytes -> plain arrays.

formats.py ... which format the bytes are, by their content
parse.py ..... the one door: bytes -> `Parsed`, or a `CaptureError`
parsed.py .... what every reader gives, and the limits that it keeps
text.py ...... many numbers of a text at once
ply.py, stl.py, obj.py, off.py ... meshes (and clouds, in PLY)
scenes.py .... GLB, glTF, 3MF and DAE: scenes of meshes (extra `scan`)
xyz.py, pcd.py, survey.py ........ clouds: text and CSV; PCD; LAS, LAZ and E57 (extra `scan`)

What a header declares is checked against the file's size before anything is allocated, and no reader opens another
file.
"""
