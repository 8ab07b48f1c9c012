import { survivesGatewayFault } from '../support/gateway-fault-scenario.mjs';

export const title = '9. Product not in force: the page says whom to turn to, nothing is stored, later it works';

export function run(world) {
  return survivesGatewayFault(world, {
    broken: 'the product 获取会员信息 is not in force',
    breakIt: () => world.sandbox.setProductInForce(false),
    repair: () => world.sandbox.setProductInForce(true),
    advice: /小程序尚未开通“获取会员信息”，请联系小程序开发者/,
  });
}
