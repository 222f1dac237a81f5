// Mercurius with JIT, on better-sqlite3: a room's talks with their authors, either by its loaders, as its documentation
// says, or by a join that the talks' resolver makes. `node pages.mjs loaders|join`
import { parseArgs } from 'node:util'
import Database from 'better-sqlite3'
import { createVerifier } from 'fast-jwt'
import Fastify from 'fastify'
import mercurius from 'mercurius'

const { values, positionals: [form] } = parseArgs({
  allowPositionals: true, options: { host: { type: 'string' }, port: { type: 'string' } }
})
const db = new Database(process.env.CHATGRAPH_DATABASE_URL.replace('sqlite+aiosqlite:///', ''), { readonly: true })
const verify = createVerifier({
  key: process.env.CHATGRAPH_SECRET_KEY, algorithms: ['HS256'], allowedIss: 'chatgraph', allowedAud: 'chatgraph',
  requiredClaims: ['exp', 'sub', 'sid'], cache: true
})

const schema = `
  type User { id: ID! databaseId: Int! username: String! displayName: String! }
  type Talk { id: ID! databaseId: Int! seq: Int! content: String createTime: String! creator: User! }
  type TalkEdge { cursor: String! node: Talk! }
  type PageInfo { hasPreviousPage: Boolean! hasNextPage: Boolean! startCursor: String endCursor: String }
  type TalkConnection { edges: [TalkEdge!]! pageInfo: PageInfo! }
  type Room { id: ID! talks(first: Int, after: String, last: Int): TalkConnection! }
  type Query { room(id: ID!): Room }
`

// The session and the room by their ids, and what the user is in the room's house.
const sight = db.prepare(`
  SELECT houses.visibility, members.rank, bans.id AS ban
  FROM sessions
  LEFT JOIN rooms ON rooms.id = @room AND rooms.delete_time IS NULL
  LEFT JOIN houses ON houses.id = rooms.house_id AND houses.delete_time IS NULL
  LEFT JOIN members ON members.house_id = houses.id AND members.user_id = sessions.user_id
  LEFT JOIN bans ON bans.house_id = houses.id AND bans.user_id = sessions.user_id
    AND (bans.end_time IS NULL OR bans.end_time > @now)
  WHERE sessions.id = @session AND sessions.user_id = @user
    AND sessions.end_time IS NULL AND sessions.expire_time > @now
`)
const joined = form === 'join'
const talks = `
  SELECT talks.id, seq, content, talks.create_time, creator_id ${joined ? ', username, display_name' : ''}
  FROM talks ${joined ? 'JOIN users ON users.id = talks.creator_id' : ''}
  WHERE room_id = ? AND
`
const backwards = db.prepare(`${talks} seq < ? ORDER BY seq DESC LIMIT ?`)
const forwards = db.prepare(`${talks} seq > ? ORDER BY seq LIMIT ?`)
const users = db.prepare('SELECT id, username, display_name FROM users WHERE id IN (SELECT value FROM json_each(?))')

const globalId = (noun, id) => Buffer.from(`${noun}:${id}`).toString('base64')
const readId = (text, noun) => {
  const [named, id] = Buffer.from(text, 'base64').toString('ascii').split(':')
  if (named !== noun) throw new mercurius.ErrorWithProps(`This is not the id of a ${noun}.`)
  return Number(id)
}
const dressUser = (id, row) =>
  ({ id: globalId('User', id), databaseId: id, username: row.username, displayName: row.display_name })
const dressTalk = (row) => ({
  id: globalId('Talk', row.id), databaseId: row.id, seq: row.seq, content: row.content,
  createTime: `${row.create_time.slice(0, 10)}T${row.create_time.slice(11)}Z`, creatorId: row.creator_id
})

const resolvers = {
  Query: {
    room (_, { id }, { viewer }) {
      const room = readId(id, 'Room')
      const now = new Date().toISOString().replace('T', ' ').replace('Z', '000')
      const seen = sight.get({ room, now, user: Number(viewer.sub), session: Number(viewer.sid) })
      if (seen === undefined) throw new mercurius.ErrorWithProps('Sign in again.')
      if (seen.visibility === null || (seen.visibility !== 'public' && seen.rank === null)) return null
      if (seen.ban !== null) throw new mercurius.ErrorWithProps('A ban is in force.')
      return { id, databaseId: room }
    }
  },
  Room: {
    talks ({ databaseId: room }, { first, after, last }) {
      const size = last ?? first ?? 50
      const seq = after == null ? 0 : readId(after, `talks/${room}`)
      const rows = last == null ? forwards.all(room, seq, size + 1) : backwards.all(room, Number.MAX_SAFE_INTEGER, size + 1)
      const more = rows.length > size
      if (more) rows.pop()
      if (last != null) rows.reverse()
      const creators = new Map()
      const edges = rows.map((row) => {
        const node = dressTalk(row)
        if (joined) {
          node.creator = creators.get(row.creator_id) ?? dressUser(row.creator_id, row)
          creators.set(row.creator_id, node.creator)
        }
        return { cursor: globalId(`talks/${room}`, row.seq), node }
      })
      const pageInfo = {
        hasPreviousPage: last == null ? seq > 0 : more, hasNextPage: last == null && more,
        startCursor: edges[0]?.cursor, endCursor: edges.at(-1)?.cursor
      }
      return { edges, pageInfo }
    }
  }
}
const loaders = {
  Talk: {
    async creator (queries) {
      const wanted = [...new Set(queries.map(({ obj }) => obj.creatorId))]
      const found = new Map(users.all(JSON.stringify(wanted)).map((row) => [row.id, dressUser(row.id, row)]))
      return queries.map(({ obj }) => found.get(obj.creatorId))
    }
  }
}

const app = Fastify({ logger: false })
app.register(mercurius, {
  schema, resolvers, loaders: joined ? {} : loaders, jit: 1,
  context: (request) => ({ viewer: verify((request.headers.authorization ?? '').replace(/^Bearer /i, '')) })
})
const address = await app.listen({ host: values.host, port: Number(values.port) })
console.log(`the peer listens on ${address}`)
