import type { Catalogue } from './translate.ts'

/** The texts that every page may need, in simplified Chinese. */
export const zhHans: Catalogue = {
  'nav.home': 'Showreel 首页',
  'nav.main': '主导航',
  'nav.language': '语言',
  'nav.goLive': '开播',

  'lost.title': '这个页面没有在播',
  'lost.next': '链接可能已过期或输入有误。',
  'lost.home': '看看谁在直播',

  'show.live': '直播',
  'show.starting': '即将开始',
  'show.paused': '已暂停',
  'show.ended': '已结束',
  'show.started': '{ago}开始',
  'show.endedAgo': '{ago}结束',

  'front.title': '正在直播',
  'front.moreTitle': '还有这些直播',
  'front.againTitle': '重温',
  'front.watch': '观看直播',
  'front.emptyTitle': '现在没有人直播。下一场可以是你的。',
  'front.emptyText':
    '在工作室创建频道，把服务器和密钥填入 OBS 或任意编码器，然后开始。大约两秒后你就会出现在这个页面上。',
  'front.emptyAction': '打开工作室',
  'front.emptyStep1': '创建频道',
  'front.emptyStep2': '复制服务器和密钥',
  'front.emptyStep3': '启动编码器',

  'problem.offline': '无法连接 Showreel。',
  'problem.offlineNext': '请检查网络；页面会继续尝试。',
  'problem.signedOut': '你已退出登录。',
  'problem.signedOutNext': '请重新登录后继续。',
  'problem.forbidden': '这个账号不能这样做。',
  'problem.forbiddenNext': '请用频道主人的账号登录。',
  'problem.missing': '这个地址没有内容。',
  'problem.missingNext': '可能已被移除，去看看正在直播的节目吧。',
  'problem.tooMany': '一次请求太多了。',
  'problem.tooManyNext': '请等几秒再试。',
  'problem.changed': '这里刚刚被别人修改过。',
  'problem.changedNext': '请刷新页面查看最新状态。',
  'problem.notLive': '节目已不在直播。',
  'problem.notLiveNext': '启动编码器即可再次开播。',
  'problem.unavailable': 'Showreel 的一部分正在重启。',
  'problem.unavailableNext': '请几秒后再试。',
  'problem.unexpected': '我们这边出了问题。',
  'problem.unexpectedNext': '请重试；如仍然如此，请告诉我们这个编号：',
}
