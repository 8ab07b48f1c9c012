import { survivesGatewayFault } from '../support/gateway-fault-scenario.mjs';

export const title = '9. Gateway down: the page says so, the session goes on, the next tap works';

export function run(world) {
  return survivesGatewayFault(world, {
    broken: 'the gateway closes every connection',
    breakIt: () => world.sandbox.setFault({ kind: 'unavailable' }),
    repair: () => world.sandbox.clearFault(),
    advice: /暂时无法连接支付宝开放平台，请稍后再试/,
  });
}
