// tsc: Did you mean 'nick_name'\?
import { Member } from 'miniauth';

export const nameOf = (member: Member) => member.nickName;
