import { en } from './catalogue-en.ts'
export const th = { ...en }
