/** For `catch`: says in one sentence that a port is taken and what to do; any other error goes on as it is. */
export function plainPortError(port: number, name: string, setting: string): (error: unknown) => never {
  return error => {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!taken) throw error
    const sentence = `Port ${port} for ${name} is in use: end the program that holds it, or set ${setting} to another.`
    throw new Error(sentence, { cause: error })
  }
}
