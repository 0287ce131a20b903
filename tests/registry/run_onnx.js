// SPDX-License-Identifier: GPL-3.0-or-later
// node run_onnx.js MODEL.onnx REQUEST.json ANSWER.json: runs a model in ONNX Runtime on the CPU. REQUEST is a list of
// batches {rows, flux, weight}; ANSWER is {inputs, outputs, results: a list of {OUTPUT: {dims, values}}}.
// NODE_PATH names the folder that has onnxruntime-node.
'use strict';
const fs = require('fs');
const ort = require('onnxruntime-node');

async function main([model, requestFile, answerFile]) {
    const session = await ort.InferenceSession.create(model, {executionProviders: ['cpu'], intraOpNumThreads: 1});
    const results = [];
    for (const batch of JSON.parse(fs.readFileSync(requestFile))) {
        const rows = (values) =>
            new ort.Tensor('float32', Float32Array.from(values), [batch.rows, values.length / batch.rows]);
        const outputs = await session.run({flux: rows(batch.flux), weight: rows(batch.weight)});
        const result = {};
        for (const [name, tensor] of Object.entries(outputs))
            result[name] = {dims: tensor.dims, values: Array.from(tensor.data)};
        results.push(result);
    }
    const answer = {inputs: session.inputNames, outputs: session.outputNames, results};
    fs.writeFileSync(answerFile, JSON.stringify(answer));
}

main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exit(1);
});
