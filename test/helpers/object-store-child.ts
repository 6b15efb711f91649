import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'

/**
 * A process that works on a directory store until it is killed: `count` adds one to `counter` so many times by compare and
 * set and prints `done`; `fill` puts object after object of one byte value and prints each key once it is acknowledged.
 */
async function main(directory: string, work: string, times: number): Promise<void> {
  const signing = { key: new Uint8Array(32), baseUrl: 'http://localhost/objects', now: Date.now }
  const store = directoryObjectStore({ directory, signing })
  if (work === 'count') {
    for (let done = 0; done < times;) {
      const object = await store.get('counter')
      if (object === undefined) throw new Error('There is no counter.')
      let text = ''
      try {
        for await (const part of object.body) text += Buffer.from(part).toString('utf8')
        const body = Buffer.from(String(Number(text) + 1))
        await store.put('counter', body, { contentType: 'text/plain', ifMatch: object.etag })
        done += 1
      } catch (error) {
        const { kind } = error as { kind?: string }
        if (kind !== 'precondition' && kind !== 'unavailable') throw error
      }
    }
    process.stdout.write('done\n')
  } else {
    for (let at = 0; ; at += 1) {
      const key = `fill/${at % 20}`
      await store.put(key, new Uint8Array(200_000).fill(at % 251), { contentType: 'video/mp4' })
      process.stdout.write(`${key}\n`)
    }
  }
}

const [directory = '', work = '', times = '0'] = process.argv.slice(2)
await main(directory, work, Number(times))
