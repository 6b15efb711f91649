import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { DirectoryInUse } from '#shared/ports/database/directory-lock.ts'
import { loadMigrations } from '#shared/ports/database/load-migrations.ts'
import { pgliteDatabase } from '#shared/ports/database/pglite-database.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import { eventually } from '../helpers/eventually.ts'
import { lineChild } from '../helpers/line-child.ts'
import { TEMPLATES } from '../helpers/test-database.ts'

const root = mkdtempSync(join(tmpdir(), 'showreel-durable-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const CHILD = join(import.meta.dirname, '../helpers/database-child.ts')
const KILLS = 3
const migrations = loadMigrations()
const open = async (directory: string) => await pgliteDatabase({ directory, templates: TEMPLATES, migrations })

describe('pgliteDatabase', () => {
  test(
    'kill -9 under write loses no acknowledged row and leaves no half transaction',
    { timeout: 120_000 },
    async () => {
      const directory = join(root, 'killed')
      const acknowledged: number[] = []
      for (let kill = 0; kill < KILLS; kill += 1) {
        const writer = lineChild(CHILD, directory, TEMPLATES, String(kill * 1_000_000))
        await eventually(() => writer.lines.length > 10 + kill * 25)
        writer.process.kill('SIGKILL')
        await writer.gone
        acknowledged.push(...writer.lines.filter(line => line !== 'open').map(Number))
      }
      await using database = await open(directory)
      const rows = await database.read(
        plainSql<{ event_key: string; consumer: string }>('inbox.all', 'SELECT event_key, consumer FROM inbox'),
      )
      const found = new Set(rows.map(({ event_key: key, consumer }) => `${key} ${consumer}`))
      expect(acknowledged.length).toBeGreaterThan(KILLS * 10)
      const lost = acknowledged.filter(
        number => !found.has(`row-${number} one`) || (number % 2 === 0 && !found.has(`row-${number} two`)),
      )
      expect(lost).toEqual([])
      const halves = rows.filter(({ event_key: key }) => {
        const number = Number(key.slice('row-'.length))
        return number % 2 === 0 && !(found.has(`${key} one`) && found.has(`${key} two`))
      })
      expect(halves).toEqual([])
    },
  )

  test('a second owner of the directory is refused in one sentence that names it, whichever way it is written', async () => {
    const directory = join(root, 'owned')
    mkdirSync(directory)
    const link = join(root, 'owned-too')
    symlinkSync(directory, link)
    {
      await using _database = await open(directory)
      for (const name of [directory, link]) {
        const refused = await open(name).catch((error: unknown) => error)
        expect(refused).toBeInstanceOf(DirectoryInUse)
        expect(String(refused)).toContain(`The data directory ${name} is in use by pid ${process.pid};`)
      }
      const other = lineChild(CHILD, directory, TEMPLATES)
      expect(await other.gone).not.toBe(0)
      expect(other.errors()).toContain(`The data directory ${directory} is in use by pid ${process.pid}`)
    }
    await using again = await open(directory)
    await expect(again.ping()).resolves.toBeUndefined()
  })

  test('kill -9 of the owner frees the directory', async () => {
    const directory = join(root, 'freed')
    const owner = lineChild(CHILD, directory, TEMPLATES)
    await eventually(() => owner.lines.includes('open'))
    await expect(open(directory)).rejects.toBeInstanceOf(DirectoryInUse)
    owner.process.kill('SIGKILL')
    await owner.gone
    await using database = await open(directory)
    await expect(database.ping()).resolves.toBeUndefined()
  })

  test('a clean close keeps everything, and what is called after it is unavailable', async () => {
    const directory = join(root, 'closed')
    const add = plainSql('inbox.add', `INSERT INTO inbox (event_key, consumer) VALUES ('kept', 'x')`)
    const database = await open(directory)
    await database.execute(add)
    await database[Symbol.asyncDispose]()
    await expect(database.read(add)).rejects.toMatchObject({ kind: 'unavailable' })
    await using again = await open(directory)
    await expect(again.execute(add)).rejects.toMatchObject({ kind: 'conflict' })
  })

  test('a new schema makes a template once; the next directory is its copy', { timeout: 60_000 }, async () => {
    const templates = join(root, 'templates')
    for (const name of ['first', 'second']) {
      await using database = await pgliteDatabase({ directory: join(root, name), templates, migrations })
      expect(await database.read(plainSql('creators', 'SELECT * FROM creators'))).toEqual([])
    }
    expect(readdirSync(templates)).toEqual([`pglite-${migrations.hash}`])
  })

  test('a migration that was edited after it ran is refused', async () => {
    const directory = join(root, 'edited')
    await (await open(directory))[Symbol.asyncDispose]()
    const list = migrations.list.map((migration, index) =>
      index === 1 ? { ...migration, checksum: 'other' } : migration,
    )
    const edited = pgliteDatabase({ directory, templates: TEMPLATES, migrations: { ...migrations, list } })
    await expect(edited).rejects.toThrow('was edited after it ran')
    await using database = await open(directory)
    await expect(database.ping()).resolves.toBeUndefined()
  })

  test('a statement that waits on its own transaction is refused at once', async () => {
    await using database = await open(join(root, 'nested'))
    const nested = database.transaction(async () => await database.ping())
    await expect(nested).rejects.toMatchObject({ kind: 'invalid' })
  })
})
