// A real wechaty gateway (wechaty-puppet-service) with a mock WeChat behind it.
//
// Commands come as JSON lines on stdin, what happens is told as JSON lines on stdout; logs go to
// stderr. Usage: node gateway.mjs PORT TOKEN [tls]
import { createInterface } from 'node:readline'

for (const name of ['log', 'info', 'debug', 'warn']) console[name] = console.error
process.env.WECHATY_LOG ||= 'error'

const { FileBox } = await import('file-box')
const { mock, PuppetMock } = await import('wechaty-puppet-mock')
const { PuppetServer } = await import('wechaty-puppet-service')

const [port, token, tls] = process.argv.slice(2)
const tell = (what) => process.stdout.write(JSON.stringify(what) + '\n')

const mocker = new mock.Mocker()
const people = {
  wxid_bot: mocker.createContact({ id: 'wxid_bot', name: '小格' }),
  wxid_zhang: mocker.createContact({ id: 'wxid_zhang', name: '张大妈' }),
  wxid_li: mocker.createContact({ id: 'wxid_li', name: '李师傅' }),
}
// The mock takes a conversation for a room when there is an @ in its id.
const room = mocker.createRoom({
  id: '10086@chatroom',
  topic: '幸福小区一群',
  ownerId: 'wxid_zhang',
  adminIdList: [],
  memberIdList: Object.keys(people),
})
const aliases = { wxid_zhang: '3栋201张' }
room.on('message', (message) => {
  const { id, talkerId, text, type, mentionIdList } = message.payload
  tell({ roomSaw: { id, talkerId, text: text ?? '', type, mentionIdList } })
})

class Puppet extends PuppetMock {
  // The mock drops mentions and returns no id.
  async messageSendText (conversationId, text, mentionIdList = []) {
    return this.sends(conversationId, text, mentionIdList)
  }

  async messageSendFile (conversationId, file) {
    const content = await file.toBuffer()
    tell({ sentFile: { conversationId, name: file.name, size: content.length } })
    return this.sends(conversationId, FileBox.fromBase64(content.toString('base64'), file.name), [])
  }

  sends (conversationId, something, mentionIdList) {
    const known = new Set(mocker.cacheMessagePayload.keys())
    const place = conversationId === room.id ? room : people[conversationId]
    if (!place) throw new Error(`not in group: ${conversationId}`)
    people.wxid_bot.say(something, mentionIdList.map((id) => people[id])).to(place)
    const id = [...mocker.cacheMessagePayload.keys()].find((key) => !known.has(key))
    if (typeof something === 'string') {
      tell({ sentText: { conversationId, text: something, mentionIdList, id } })
    }
    return id
  }

  async roomMemberRawPayload (roomId, contactId) {
    const payload = await super.roomMemberRawPayload(roomId, contactId)
    return { ...payload, roomAlias: aliases[contactId] ?? '' }
  }
}

mocker.use((self) => {
  const login = setTimeout(() => self.puppet.isLoggedIn || self.login(people.wxid_bot), 50)
  return () => clearTimeout(login)
})
const puppet = new Puppet({ mocker })
const server = new PuppetServer({
  endpoint: `127.0.0.1:${port}`,
  puppet,
  token,
  tls: { disable: tls !== 'tls' },
})
await server.start()
tell({ listening: Number(port) })

let last = ''
puppet.on('message', ({ messageId }) => { last = messageId })

const commands = {
  say: ({ who, text, mentions = [] }) =>
    people[who].say(text, mentions.map((id) => people[id])).to(room),
  private: ({ who, text }) => people[who].say(text).to(people.wxid_bot),
  picture: ({ who, size }) =>
    people[who].say(FileBox.fromBase64(Buffer.alloc(size, 7).toString('base64'), 'photo.jpg')).to(room),
  topic: ({ who, text }) => room.topic(text).by(people[who]),
  alias: async ({ who, text }) => {
    aliases[who] = text
    await puppet.dirtyPayload(4, `${room.id}<${who}>`)
    puppet.emit('dirty', { payloadType: 4, payloadId: `${room.id}<${who}>` })
  },
  leave: ({ who }) => room.remove(people[who]).by(people.wxid_zhang),
  again: () => puppet.emit('message', { messageId: last }),
  error: () => puppet.emit('error', new Error('as the test wants')),
  scan: ({ text }) => mocker.scan(text),
  logout: () => puppet.logout('as the test wants'),
  login: () => puppet.login('wxid_bot'),
  quit: () => process.exit(0),
}

for await (const line of createInterface({ input: process.stdin })) {
  const { do: name, ...rest } = JSON.parse(line)
  try {
    await commands[name](rest)
    tell({ done: name })
  } catch (error) {
    tell({ failed: name, why: String(error) })
  }
}
process.exit(0)
