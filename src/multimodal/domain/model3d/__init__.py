"""3D captures: is this mesh sound, is this cloud complete?

sample.py ........... bytes -> mesh or cloud (files/ reads the formats, units.py tells how long a unit is)
welding.py .......... each position once; topology.py: how triangles hang together; geometry.py: normals and areas
intersections.py .... where a surface cuts itself (boxes.py, patches.py and predicates.py help it)
soundings.py ........ how far it is from the surface to the next one; bending.py: how sharply it bends
neighbours.py ....... one table of nearest neighbours for all that is asked of a cloud
watertight.py, ... .. one property a file (faults.py: what they share)
defects.py .......... what goes wrong with meshes; degradations.py: with any scan (spoiling.py, synthetic.py use it)
rendering.py ........ pictures without a graphics card; painting.py: the capture with its faults in colour
"""

from ..shared.modality import Modality
from .files.formats import SUFFIXES, recognises
from .files.parse import parse
from .painting import FORMATS, coloured
from .rendering import thumbnail
from .sample import decode
from .spoiling import spoil

MODALITY = Modality(
    "model3d",
    SUFFIXES,
    recognises,
    decode,
    thumbnail=thumbnail,
    spoil=spoil,
    coloured=coloured,
    colours=FORMATS,
    parse=parse,
)
