// tsc: Did you mean 'nickName'\?
import { Member } from 'miniauth';

export const nameOf = (member: Member) => member.nick_name;
