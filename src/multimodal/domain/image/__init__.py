"""Photographs: are they sharp, well exposed, ...?

sample.py ......... bytes -> upright RGB sample at the working scale (formats.py, decoders.py, raster.py help it)
measures.py ....... what several properties share
blur.py, ... ...... one property a file
degradations.py ... what spoils a photograph (spoiling.py makes files of spoiled copies, faulty.py data sets)
fingerprint.py .... by what it is recognised when it comes again
crops.py .......... whether it was cut out of another one
preview.py ........ small, for contact sheets
image_utils.py .... load, save, convert, resize
transforms.py ..... the same as transformers
"""

from ..shared.modality import Crops, Modality
from .crops import is_part, look
from .fingerprint import fingerprints, versions
from .formats import SUFFIXES, recognises
from .preview import thumbnail
from .sample import decode
from .spoiling import spoil

MODALITY = Modality(
    "image",
    SUFFIXES,
    recognises,
    decode,
    fingerprints=fingerprints,
    thumbnail=thumbnail,
    spoil=spoil,
    versions=versions,
    crops=Crops(look, is_part),
)
