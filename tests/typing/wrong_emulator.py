"""Wrong user code over the emulator and the helpers for tests; each marked line is reported by both type checkers."""

import rekog.emulator
from rekog import errors
from rekog.emulator import Box, DetectedFace, Emulator, FaceDetector
from rekog.models import FaceDetail
from rekog.testing import answer_of


class Detector:
    def detect(self, image: bytes) -> list[DetectedFace]:
        return []


def emulate(emulator: Emulator) -> None:
    print(rekog.emulator.Scope)  # E: attr-defined | reportAttributeAccessIssue
    detector: FaceDetector = Detector()  # E: assignment | reportAssignmentType
    emulator.enrol_celebrity("Ann", "ann.jpg")  # E: attr-defined | reportAttributeAccessIssue
    emulator.add_celebrity("Ann", pictures="ann.jpg")  # E: call-arg | reportCallIssue
    emulator.faults.add(error=TimeoutError)  # E: arg-type | reportArgumentType
    emulator.faults.add(error=errors.ReadTimeoutError("slow"))  # E: arg-type | reportArgumentType
    emulator.faults.add(reset="before")  # E: arg-type | reportArgumentType
    emulator.faults.inject("DetectFaces")  # E: attr-defined | reportAttributeAccessIssue
    emulator.calls.add(None)  # E: attr-defined | reportAttributeAccessIssue
    print(emulator.calls[0].scope, detector)  # E: attr-defined | reportAttributeAccessIssue
    DetectedFace(Box(0, 0, 1, 1), 0.9)  # E: call-arg | reportCallIssue


def double() -> None:
    answer_of(FaceDetail, {})  # E: type-var | reportArgumentType, reportCallIssue
