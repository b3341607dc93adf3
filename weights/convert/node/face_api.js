// node face_api.js PACKAGE INPUT.bin FOLDER NETWORK
// Runs a network of face-api.js on an image of 112 by 112, and writes each output as float32 to FOLDER/INDEX.bin.
'use strict';
const fs = require('fs');
const path = require('path');
const Module = require('module');
const tf = require('@tensorflow/tfjs');

// The package asks for the native binding of TensorFlow.js, which has the same interface.
const load = Module._load;
Module._load = (name, ...rest) => (name.startsWith('@tensorflow/') ? tf : load(name, ...rest));

async function main([folder, input, results, name]) {
  const faceapi = require(path.resolve(folder, 'dist', 'face-api.node.js'));
  const [network, file] = {
    face_expression: [faceapi.nets.faceExpressionNet, 'face_expression_model'],
    face_age_gender: [faceapi.nets.ageGenderNet, 'age_gender_model'],
  }[name];
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'model', `${file}-weights_manifest.json`)));
  const weights = new Uint8Array(fs.readFileSync(path.join(folder, 'model', `${file}.bin`))).buffer;
  network.loadFromWeightMap(tf.io.decodeWeights(weights, manifest[0].weights));
  const values = new Float32Array(new Uint8Array(fs.readFileSync(input)).buffer);
  const image = new faceapi.NetInput([tf.tensor(values, [112, 112, 3])]);
  const result = await network.forwardInput(image);
  const tensors = name === 'face_expression' ? [result] : [result.age, result.gender];
  for (const [index, tensor] of tensors.entries()) {
    fs.writeFileSync(path.join(results, `${index}.bin`), Buffer.from(new Float32Array(tensor.dataSync()).buffer));
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
