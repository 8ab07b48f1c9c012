import { survivesGatewayFault } from '../support/gateway-fault-scenario.mjs';

export const title = "9. Gateway's signature wrong: the page says so, nothing is stored, the next tap works";

export function run(world) {
  return survivesGatewayFault(world, {
    broken: "the gateway's answers carry a wrong signature",
    breakIt: () => world.sandbox.setFault({ kind: 'wrong_signature' }),
    repair: () => world.sandbox.clearFault(),
    advice: /平台返回的数据未通过验签，未保存任何内容/,
  });
}
