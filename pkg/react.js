module.exports = require('./dist/react.js');
