import type { PlayerCatalogue } from './translate.ts'

/** The texts of the player, in simplified Chinese. */
export const playerZhHans: PlayerCatalogue = {
  'watch.offAir': '这个频道没有在播，也还没有可以重温的节目。',

  'share.button': '分享',
  'share.copied': '链接已复制',

  'moments.title': '精彩时刻',

  'player.play': '播放',
  'player.pause': '暂停',
  'player.mute': '静音',
  'player.unmute': '打开声音',
  'player.volume': '音量',
  'player.fullscreen': '全屏',
  'player.exitFullscreen': '退出全屏',
  'player.pip': '画中画',
  'player.stats': '播放数据',
  'player.quality': '清晰度',
  'player.auto': '自动',
  'player.timeBar': '节目中的位置',
  'player.seconds': '{seconds} 秒',
  'player.behind': '落后直播 {amount}',
  'player.jump': '回到直播',
  'player.loading': '加载中',
  'player.pausedTitle': '节目已暂停',
  'player.pausedText': '正在等待主播回来，节目会自动继续。',
  'player.pausedLeft': '还剩 {seconds} 秒',
  'player.endedTitle': '节目已结束',
  'player.endedText': '感谢观看，全部内容都已保存。',
  'player.watchFromStart': '从头观看',
  'player.otherShows': '其他节目',
  'player.failedTitle': '现在无法播放这个节目',
  'player.failedText': '多次尝试后视频仍未到达。请检查网络后重试。',
  'player.retry': '重试',

  'stats.delay': '落后直播',
  'stats.target': '目标延迟',
  'stats.buffer': '已缓冲',
  'stats.rung': '画面',
  'stats.bandwidth': '网络',
  'stats.dropped': '丢帧',
  'stats.source': '来源',
}
