/** @typedef {{ id: string, name: string, note: string, price: number, mark: string, tone: string }} Product */

/** @type {Product[]} */
const products = [
  { id: 'tea', name: '高山乌龙', note: '清香型 · 100 克罐装', price: 68, mark: '茶', tone: 'green' },
  { id: 'cup', name: '手作陶杯', note: '哑光白釉 · 220 毫升', price: 89, mark: '杯', tone: 'clay' },
  { id: 'lamp', name: '和纸台灯', note: '暖光 2700K · 三档调节', price: 239, mark: '灯', tone: 'amber' },
  { id: 'book', name: '布面手账', note: '192 页 · 可平摊装订', price: 45, mark: '册', tone: 'blue' },
];

/**
 * @param {string | undefined} id
 * @returns {Product} the product, or the first one if the id is unknown
 */
function findProduct(id) {
  return products.find((product) => product.id === id) || products[0];
}

module.exports = { products, findProduct };
