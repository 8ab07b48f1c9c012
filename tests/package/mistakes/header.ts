// tsc: 'header' does not exist in type 'HttpRequestOptions'
import { auth } from './auth';

auth.httpRequest({ url: 'https://api.shop.example/orders', header: { 'x-shop': 'tea' } });
