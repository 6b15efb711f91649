import type { PlayerCatalogue } from './translate.ts'

/** The texts of the player, in Vietnamese. */
export const playerVi: PlayerCatalogue = {
  'watch.offAir': 'Kênh này không lên sóng và chưa có chương trình nào để xem lại.',

  'share.button': 'Chia sẻ',
  'share.copied': 'Đã chép liên kết',

  'moments.title': 'Khoảnh khắc',

  'player.play': 'Phát',
  'player.pause': 'Tạm dừng',
  'player.mute': 'Tắt tiếng',
  'player.unmute': 'Bật tiếng',
  'player.volume': 'Âm lượng',
  'player.fullscreen': 'Toàn màn hình',
  'player.exitFullscreen': 'Thoát toàn màn hình',
  'player.pip': 'Hình trong hình',
  'player.stats': 'Số liệu phát',
  'player.quality': 'Chất lượng',
  'player.auto': 'Tự động',
  'player.timeBar': 'Vị trí trong chương trình',
  'player.seconds': '{seconds} giây',
  'player.behind': 'chậm {amount} so với trực tiếp',
  'player.jump': 'Về trực tiếp',
  'player.loading': 'Đang tải',
  'player.pausedTitle': 'Chương trình tạm dừng',
  'player.pausedText': 'Đang chờ người phát quay lại. Chương trình sẽ tự tiếp tục.',
  'player.pausedLeft': 'Còn {seconds} giây',
  'player.endedTitle': 'Chương trình đã kết thúc',
  'player.endedText': 'Cảm ơn bạn đã xem. Mọi thứ đều được giữ lại.',
  'player.watchFromStart': 'Xem từ đầu',
  'player.otherShows': 'Chương trình khác',
  'player.failedTitle': 'Hiện không phát được chương trình này',
  'player.failedText': 'Video không đến sau nhiều lần thử. Hãy kiểm tra kết nối rồi thử lại.',
  'player.retry': 'Thử lại',

  'stats.delay': 'Chậm so với trực tiếp',
  'stats.target': 'Độ trễ mục tiêu',
  'stats.buffer': 'Đã tải trước',
  'stats.rung': 'Hình ảnh',
  'stats.bandwidth': 'Kết nối',
  'stats.dropped': 'Khung hình bị bỏ',
  'stats.source': 'Nguồn',
}
