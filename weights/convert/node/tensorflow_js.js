// node tensorflow_js.js MODEL.json INPUT.bin SHAPE FOLDER OUTPUT...
// Runs a TensorFlow.js model on the CPU, and writes each output as float32 to FOLDER/INDEX.bin.
'use strict';
const fs = require('fs');
const path = require('path');
const tf = require('@tensorflow/tfjs');

async function main([model, input, shape, folder, ...outputs]) {
  const document = JSON.parse(fs.readFileSync(model));
  const shards = document.weightsManifest.flatMap((group) => group.paths);
  const weights = Buffer.concat(shards.map((name) => fs.readFileSync(path.join(path.dirname(model), name))));
  const network = await tf.loadGraphModel({
    load: async () => ({
      modelTopology: document.modelTopology,
      weightSpecs: document.weightsManifest.flatMap((group) => group.weights),
      weightData: new Uint8Array(weights).buffer,
      format: document.format,
    }),
  });
  const values = new Float32Array(new Uint8Array(fs.readFileSync(input)).buffer);
  let image = tf.tensor(values, shape.split(',').map(Number));
  if (network.inputs[0].dtype === 'int32') image = image.toInt();
  const results = await network.executeAsync({ [network.inputs[0].name]: image }, outputs);
  for (const [index, tensor] of (Array.isArray(results) ? results : [results]).entries()) {
    fs.writeFileSync(path.join(folder, `${index}.bin`), Buffer.from(new Float32Array(tensor.dataSync()).buffer));
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
