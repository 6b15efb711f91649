import { en } from './catalogue-en.ts'
export const vi = { ...en }
