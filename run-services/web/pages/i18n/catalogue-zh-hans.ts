import { en } from './catalogue-en.ts'
export const zhHans = { ...en }
