import type { Catalogue } from './translate.ts'

/** The texts that every page may need, in Vietnamese. */
export const vi: Catalogue = {
  'nav.home': 'Showreel, trang chủ',
  'nav.main': 'Chính',
  'nav.language': 'Ngôn ngữ',
  'nav.goLive': 'Phát trực tiếp',

  'lost.title': 'Trang này không lên sóng',
  'lost.next': 'Liên kết có thể đã cũ hoặc gõ sai.',
  'lost.home': 'Xem ai đang trực tiếp',

  'show.live': 'Trực tiếp',
  'show.starting': 'Sắp bắt đầu',
  'show.paused': 'Tạm dừng',
  'show.ended': 'Đã kết thúc',
  'show.started': 'Bắt đầu {ago}',
  'show.endedAgo': 'Kết thúc {ago}',

  'front.title': 'Đang lên sóng',
  'front.moreTitle': 'Cũng đang trực tiếp',
  'front.againTitle': 'Xem lại',
  'front.watch': 'Xem trực tiếp',
  'front.emptyTitle': 'Hiện chưa có ai trực tiếp. Chương trình tiếp theo có thể là của bạn.',
  'front.emptyText':
    'Tạo kênh trong phòng thu, đưa máy chủ và khóa vào OBS hoặc bất kỳ bộ mã hóa nào rồi bắt đầu. Khoảng hai giây sau bạn có mặt trên trang này.',
  'front.emptyAction': 'Mở phòng thu',
  'front.emptyStep1': 'Tạo kênh',
  'front.emptyStep2': 'Sao chép máy chủ và khóa',
  'front.emptyStep3': 'Khởi động bộ mã hóa',

  'problem.offline': 'Không kết nối được Showreel.',
  'problem.offlineNext': 'Kiểm tra kết nối; trang này vẫn tiếp tục thử.',
  'problem.signedOut': 'Bạn đã đăng xuất.',
  'problem.signedOutNext': 'Đăng nhập lại để tiếp tục.',
  'problem.forbidden': 'Tài khoản này không được làm việc đó.',
  'problem.forbiddenNext': 'Đăng nhập bằng tài khoản chủ kênh.',
  'problem.missing': 'Không có gì ở địa chỉ này.',
  'problem.missingNext': 'Có thể nó đã bị xóa. Hãy xem ai đang trực tiếp.',
  'problem.tooMany': 'Quá nhiều yêu cầu cùng lúc.',
  'problem.tooManyNext': 'Chờ vài giây rồi thử lại.',
  'problem.changed': 'Ai đó đã thay đổi mục này.',
  'problem.changedNext': 'Tải lại trang để xem trạng thái mới nhất.',
  'problem.notLive': 'Chương trình không còn trực tiếp.',
  'problem.notLiveNext': 'Khởi động bộ mã hóa để phát lại.',
  'problem.unavailable': 'Một phần của Showreel đang khởi động lại.',
  'problem.unavailableNext': 'Thử lại sau vài giây.',
  'problem.unexpected': 'Có lỗi phía chúng tôi.',
  'problem.unexpectedNext': 'Hãy thử lại; nếu vẫn lỗi, cho chúng tôi biết số này:',
}
