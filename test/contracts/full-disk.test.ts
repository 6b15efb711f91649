import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadMigrations } from '#shared/ports/database/load-migrations.ts'
import { pgliteDatabase } from '#shared/ports/database/pglite-database.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import { signedObjectHandler } from '#shared/ports/object-store/signed-object-handler.ts'
import { eventually } from '../helpers/eventually.ts'
import { smallDisk } from '../helpers/small-disk.ts'
import { TEMPLATES } from '../helpers/test-database.ts'

const mayMount = (() => {
  using disk = smallDisk(1)
  return disk !== undefined
})()
describe.skipIf(!mayMount)(`a full disk${mayMount ? '' : ': this user may not mount one'}`, () => {
  test('pgliteDatabase refuses writes, still reads, loses nothing, and goes on when there is room', async () => {
    using disk = smallDisk(100)
    if (disk === undefined) throw new Error('The disk was not mounted.')
    const options = { directory: join(disk.directory, 'db'), templates: TEMPLATES, migrations: loadMigrations() }
    const add = (number: number) =>
      plainSql('sequence.add', `INSERT INTO event_sequences VALUES ($1, 'disk', 1)`, [`row-${number}`])
    const all = plainSql<{ subject_id: string }>('sequences', 'SELECT subject_id FROM event_sequences')
    const acknowledged: string[] = []
    {
      await using database = await pgliteDatabase(options)
      const write = async (number: number): Promise<void> => {
        await database.transaction(async tx => await tx.write(add(number)))
        acknowledged.push(`row-${number}`)
      }
      await write(0)
      disk.fill()
      await eventually(
        async () => await write(acknowledged.length).catch((error: unknown) => error),
        error => {
          expect(error).toMatchObject({ name: 'DatabaseError', kind: 'unavailable' })
          expect(String(error)).toContain('the disk of the database is full')
        },
      )
      expect((await database.read(all)).length).toBe(acknowledged.length)
      disk.free()
      await eventually(async () => {
        await write(acknowledged.length)
        return true
      })
    }
    await using again = await pgliteDatabase(options)
    const rows = await again.read(all)
    expect(rows.map(({ subject_id: id }) => id).toSorted()).toEqual(acknowledged.toSorted())
  })

  test('directoryObjectStore says that it is full, keeps what it has, and goes on when there is room', async () => {
    using disk = smallDisk(8)
    if (disk === undefined) throw new Error('The disk was not mounted.')
    const signing = { key: new Uint8Array(32), baseUrl: 'http://127.0.0.1:1/objects', now: Date.now }
    const store = directoryObjectStore({ directory: disk.directory, signing })
    const mp4 = { contentType: 'video/mp4' }
    const body = new Uint8Array(500_000)
    await store.put('kept', body, mp4)
    disk.fill()
    await expect(store.put('kept', body, mp4)).rejects.toMatchObject({ kind: 'full' })
    await expect(store.put('a/new/one', body, mp4)).rejects.toMatchObject({ kind: 'full' })
    const url = await store.sign({ method: 'PUT', key: 'by-url', expiresInS: 60 })
    const answer = await signedObjectHandler(store, signing)(new Request(url, { method: 'PUT', body }))
    expect([answer.status, await answer.json()]).toEqual([
      507,
      expect.objectContaining({ code: 'storage.full', retryable: true }),
    ])
    expect(await store.head('kept')).toMatchObject({ bytes: body.byteLength })
    expect(await store.head('a/new/one')).toBeUndefined()
    disk.free()
    await expect(store.put('a/new/one', body, mp4)).resolves.toMatchObject({ bytes: body.byteLength })
  })
})
