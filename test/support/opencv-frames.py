"""Prints, as JSON, what OpenCV makes of a video: `frames`, and `seeks`, the lower 48 bits of the
stamp of each frame asked for by number, or null. Usage: opencv-frames.py VIDEO NUMBER..."""

import json
import sys

import cv2

BITS = 64


def stamp(picture):
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    cell = grey.shape[1] / 80
    value = 0
    for k in range(BITS):
        value = value << 1 | int(grey[int(cell / 2), int((8 + k + 0.5) * cell)] > 125)
    return value & ((1 << 48) - 1)


video = cv2.VideoCapture(sys.argv[1])
seeks = []
for number in sys.argv[2:]:
    video.set(cv2.CAP_PROP_POS_FRAMES, int(number))
    found, picture = video.read()
    seeks.append(stamp(picture) if found else None)
print(json.dumps({"frames": int(video.get(cv2.CAP_PROP_FRAME_COUNT)), "seeks": seeks}))
