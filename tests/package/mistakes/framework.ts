// run: options_invalid, not that of a framework such as Taro or uni
import { createAuth } from 'miniauth';

const Taro = { getEnv: () => 'ALIPAY', request() {} };

export default async () => createAuth({ my: Taro, server: 'https://api.shop.example' });
