import { en } from './catalogue-en.ts'
export const id = { ...en }
