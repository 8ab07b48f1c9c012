import { createAuth } from 'miniauth';
import { fakeMy, tap } from 'miniauth/testing';

export const auth = createAuth({ my: fakeMy().my, server: 'https://api.shop.example' });

export const event: object = tap();
