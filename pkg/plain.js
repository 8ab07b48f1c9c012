module.exports = require('./dist/plain.js');
