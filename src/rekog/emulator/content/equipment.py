"""Persons of an image, with their body parts and protective equipment."""

from __future__ import annotations

from ... import models
from .analysis import ImageAnalysis

IMAGE_EQUIPMENT = ImageAnalysis(capability="ppe", model=models.ProtectiveEquipmentPerson, defaults={"Id": 0})
