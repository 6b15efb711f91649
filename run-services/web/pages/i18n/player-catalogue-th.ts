import type { PlayerCatalogue } from './translate.ts'

/** The texts of the player, in Thai. */
export const playerTh: PlayerCatalogue = {
  'watch.offAir': 'ช่องนี้ไม่ได้ออกอากาศ และยังไม่มีรายการให้ดูย้อนหลัง',

  'share.button': 'แชร์',
  'share.copied': 'คัดลอกลิงก์แล้ว',

  'moments.title': 'ช่วงสำคัญ',

  'player.play': 'เล่น',
  'player.pause': 'หยุดชั่วคราว',
  'player.mute': 'ปิดเสียง',
  'player.unmute': 'เปิดเสียง',
  'player.volume': 'ระดับเสียง',
  'player.fullscreen': 'เต็มจอ',
  'player.exitFullscreen': 'ออกจากเต็มจอ',
  'player.pip': 'ภาพซ้อนภาพ',
  'player.stats': 'ตัวเลขการเล่น',
  'player.quality': 'คุณภาพ',
  'player.auto': 'อัตโนมัติ',
  'player.timeBar': 'ตำแหน่งในรายการ',
  'player.seconds': '{seconds} วินาที',
  'player.behind': 'ช้ากว่าสด {amount}',
  'player.jump': 'ไปที่สด',
  'player.loading': 'กำลังโหลด',
  'player.pausedTitle': 'รายการหยุดชั่วคราว',
  'player.pausedText': 'กำลังรอผู้จัดกลับมา รายการจะเล่นต่อเอง',
  'player.pausedLeft': 'เหลือ {seconds} วินาที',
  'player.endedTitle': 'รายการจบแล้ว',
  'player.endedText': 'ขอบคุณที่รับชม ทั้งหมดถูกเก็บไว้แล้ว',
  'player.watchFromStart': 'ดูตั้งแต่ต้น',
  'player.otherShows': 'รายการอื่น',
  'player.failedTitle': 'เล่นรายการนี้ไม่ได้ในตอนนี้',
  'player.failedText': 'วิดีโอมาไม่ถึงหลังลองหลายครั้ง ตรวจการเชื่อมต่อแล้วลองอีกครั้ง',
  'player.retry': 'ลองอีกครั้ง',

  'stats.delay': 'ช้ากว่าสด',
  'stats.target': 'ความช้าเป้าหมาย',
  'stats.buffer': 'โหลดล่วงหน้า',
  'stats.rung': 'ภาพ',
  'stats.bandwidth': 'การเชื่อมต่อ',
  'stats.dropped': 'เฟรมที่หาย',
  'stats.source': 'แหล่งที่มา',
}
