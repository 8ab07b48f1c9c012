module.exports = require('./dist/worker.js');
